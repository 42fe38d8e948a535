"""Which message an incoming one answers, and whose words it changes"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.locks import take

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
WHERE = sa.text('edits IS NOT NULL')


def upgrade() -> None:
    take(op.get_bind(), changed=['messages'])
    op.add_column('messages', sa.Column('reply_to', sa.String(96)))
    op.add_column('messages', sa.Column('edits', ID))
    op.create_index('messages_edits', 'messages', ['edits'], sqlite_where=WHERE, postgresql_where=WHERE)


def downgrade() -> None:
    take(op.get_bind(), changed=['messages'])
    op.drop_index('messages_edits', table_name='messages')
    op.drop_column('messages', 'edits')
    op.drop_column('messages', 'reply_to')
