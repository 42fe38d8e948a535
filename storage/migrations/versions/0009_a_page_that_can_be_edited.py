"""The history of what is known of a person; looks behind the wall; what a note is about"""

import sqlalchemy as sa
from alembic import op

import storage.tables
from storage.migrations.locks import take

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
UNSEEN = sa.text('seen_at IS NULL')


def upgrade() -> None:
    take(op.get_bind(), changed=['notes'])
    op.add_column('notes', sa.Column('area', sa.String(24)))
    op.execute('UPDATE notes SET area = (SELECT area FROM tickets WHERE tickets.id = notes.ticket_id)')
    op.create_table(
        'changes',
        sa.Column('id', ID, nullable=False),
        sa.Column('contact_id', ID, nullable=False),
        sa.Column('counsellor_id', ID),
        sa.Column('by_person', sa.Boolean(), nullable=False),
        sa.Column('what', sa.String(160), nullable=False),
        sa.Column('before', sa.Text(), nullable=False),
        sa.Column('after', sa.Text(), nullable=False),
        sa.Column('at', storage.tables.Moment(), nullable=False),
        sa.ForeignKeyConstraint(['contact_id'], ['contacts.id'], ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['counsellor_id'], ['counsellors.id'], ondelete='SET NULL'),
        sa.PrimaryKeyConstraint('id'),
        sqlite_autoincrement=True,
    )
    op.create_index('changes_of', 'changes', ['contact_id', 'id'])
    op.create_table(
        'overrides',
        sa.Column('id', ID, nullable=False),
        sa.Column('contact_id', ID, nullable=False),
        sa.Column('counsellor_id', ID),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('at', storage.tables.Moment(), nullable=False),
        sa.Column('ends_at', storage.tables.Moment(), nullable=False),
        sa.Column('seen_at', storage.tables.Moment()),
        sa.Column('seen_by', ID),
        sa.ForeignKeyConstraint(['contact_id'], ['contacts.id'], ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['counsellor_id'], ['counsellors.id'], ondelete='SET NULL'),
        sa.PrimaryKeyConstraint('id'),
        sqlite_autoincrement=True,
    )
    op.create_index('overrides_of', 'overrides', ['contact_id', 'counsellor_id'])
    op.create_index('overrides_unseen', 'overrides', ['at'], sqlite_where=UNSEEN, postgresql_where=UNSEEN)


def downgrade() -> None:
    take(op.get_bind(), changed=['notes', 'changes', 'overrides'])
    op.drop_table('overrides')
    op.drop_table('changes')
    op.drop_column('notes', 'area')
