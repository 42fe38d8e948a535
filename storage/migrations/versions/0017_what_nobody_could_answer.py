"""What people asked in their own words and nobody could answer"""

import sqlalchemy as sa
from alembic import op

import storage.tables
from storage.migrations.locks import take

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table(
        'unanswered',
        sa.Column('id', ID, nullable=False),
        sa.Column('contact_id', ID, nullable=False),
        sa.Column('at', storage.tables.Moment(), nullable=False),
        sa.Column('language', sa.String(12), nullable=False),
        sa.Column('area', sa.String(24)),
        sa.Column('text', sa.Text(), nullable=False),
        sa.Column('settled_at', storage.tables.Moment()),
        sa.Column('counsellor_id', ID),
        sa.ForeignKeyConstraint(['contact_id'], ['contacts.id'], ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['counsellor_id'], ['counsellors.id'], ondelete='SET NULL'),
        sa.PrimaryKeyConstraint('id'),
        sqlite_autoincrement=True,
    )
    op.create_index('unanswered_of', 'unanswered', ['contact_id'])
    op.create_index('unanswered_open', 'unanswered', ['settled_at', 'id'])


def downgrade() -> None:
    take(op.get_bind(), changed=['unanswered'])
    op.drop_table('unanswered')
