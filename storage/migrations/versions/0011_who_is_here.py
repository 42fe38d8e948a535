"""Who is here, and how many chats they can have; to whom a chat was offered; who was told that it will close"""

import sqlalchemy as sa
from alembic import op

import storage.tables
from storage.migrations.locks import take

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    take(op.get_bind(), changed=['tickets'])
    op.add_column('tickets', sa.Column('offered_to', ID))
    op.add_column('tickets', sa.Column('offered_at', storage.tables.Moment()))
    op.add_column('tickets', sa.Column('warned_at', storage.tables.Moment()))
    op.create_table(
        'presences',
        sa.Column('counsellor_id', ID, nullable=False),
        sa.Column('pinged_at', storage.tables.Moment()),
        sa.Column('away', sa.String(16)),
        sa.Column('away_since', storage.tables.Moment()),
        sa.Column('most', sa.Integer()),
        sa.ForeignKeyConstraint(['counsellor_id'], ['counsellors.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('counsellor_id'),
    )


def downgrade() -> None:
    take(op.get_bind(), changed=['tickets', 'presences'])
    op.drop_table('presences')
    for column in ('warned_at', 'offered_at', 'offered_to'):
        op.drop_column('tickets', column)
