"""Codes that join two chats of one person"""

import sqlalchemy as sa
from alembic import op

import storage.tables

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table(
        'join_codes',
        sa.Column('code_hash', sa.String(64), nullable=False),
        sa.Column('contact_id', ID, nullable=False),
        sa.Column('expires_at', storage.tables.Moment(), nullable=False),
        sa.ForeignKeyConstraint(['contact_id'], ['contacts.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('code_hash'),
    )
    op.create_index('join_codes_of', 'join_codes', ['contact_id'])


def downgrade() -> None:
    op.drop_table('join_codes')
