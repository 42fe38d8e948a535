"""Private links that open a chat in another browser"""

import sqlalchemy as sa
from alembic import op

import storage.tables

revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table(
        'ways_back',
        sa.Column('key_hash', sa.String(64), nullable=False),
        sa.Column('contact_id', ID, nullable=False),
        sa.Column('locked', sa.Text(), nullable=False),
        sa.Column('expires_at', storage.tables.Moment(), nullable=False),
        sa.ForeignKeyConstraint(['contact_id'], ['contacts.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('key_hash'),
    )
    op.create_index('ways_back_of', 'ways_back', ['contact_id'])


def downgrade() -> None:
    op.drop_table('ways_back')
