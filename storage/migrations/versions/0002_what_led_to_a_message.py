"""What led to a message; the outbox by lane; indexes for what is looked up by person; no id a second time"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.locks import take

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

NEVER_AGAIN = ('messages', 'reminders', 'runs', 'tasks', 'tickets')
"""SQLite gives the id of a deleted newest row to the next one: a page or a button that is still open would then speak
of somebody else. PostgreSQL's sequences do not."""
QUEUED = sa.text("state = 'queued'")


def upgrade() -> None:
    take(op.get_bind(), changed=['messages'], indexed=['contacts', 'tickets'])
    op.add_column('messages', sa.Column('cause_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite')))
    op.drop_index('messages_unsent', 'messages')
    op.create_index('messages_unsent', 'messages', ['lane', 'id'], sqlite_where=QUEUED, postgresql_where=QUEUED)
    op.create_index('tickets_of', 'tickets', ['contact_id'])
    op.create_index('contacts_seen', 'contacts', ['last_seen_at'])
    _make_anew(sqlite_autoincrement=True)


def _make_anew(**options: bool) -> None:
    if op.get_bind().dialect.name == 'sqlite':
        for table in NEVER_AGAIN:
            with op.batch_alter_table(table, recreate='always', table_kwargs=options):
                pass


def downgrade() -> None:
    take(op.get_bind(), changed=['contacts', 'messages', 'tickets'])
    _make_anew(sqlite_autoincrement=False)
    op.drop_index('contacts_seen', 'contacts')
    op.drop_index('tickets_of', 'tickets')
    op.drop_index('messages_unsent', 'messages')
    op.create_index('messages_unsent', 'messages', ['due_at'], sqlite_where=QUEUED, postgresql_where=QUEUED)
    op.drop_column('messages', 'cause_id')
