"""Who has had a chat, and why it went on; chats that sleep, and that were opened again"""

import sqlalchemy as sa
from alembic import op

import storage.tables
from storage.migrations.locks import take

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
NEW = ('asleep_at', 'wakes_at', 'reopened_at')


def upgrade() -> None:
    take(op.get_bind(), changed=['tickets'])
    for column in NEW:
        op.add_column('tickets', sa.Column(column, storage.tables.Moment()))
    op.create_table(
        'ticket_moves',
        sa.Column('id', ID, nullable=False),
        sa.Column('ticket_id', ID, nullable=False),
        sa.Column('contact_id', ID, nullable=False),
        sa.Column('kind', sa.String(16), nullable=False),
        sa.Column('by_id', ID),
        sa.Column('to_id', ID),
        sa.Column('area', sa.String(24)),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('until', storage.tables.Moment()),
        sa.Column('at', storage.tables.Moment(), nullable=False),
        sa.Column('ended_at', storage.tables.Moment()),
        sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['contact_id'], ['contacts.id'], ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['by_id'], ['counsellors.id'], ondelete='SET NULL'),
        sa.ForeignKeyConstraint(['to_id'], ['counsellors.id'], ondelete='SET NULL'),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ticket_moves_of', 'ticket_moves', ['contact_id', 'id'])
    op.create_index('ticket_moves_at', 'ticket_moves', ['ticket_id'])


def downgrade() -> None:
    take(op.get_bind(), changed=['tickets', 'ticket_moves'])
    op.drop_table('ticket_moves')
    for column in reversed(NEW):
        op.drop_column('tickets', column)
