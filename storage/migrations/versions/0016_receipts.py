"""Finding a message by its platform's receipt"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.locks import take

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

RECEIPTS = sa.text("channel = 'viber' AND external_id IS NOT NULL")


def upgrade() -> None:
    take(op.get_bind(), changed=['messages'])
    op.create_index('messages_receipts', 'messages', ['external_id'], sqlite_where=RECEIPTS, postgresql_where=RECEIPTS)


def downgrade() -> None:
    take(op.get_bind(), changed=['messages'])
    op.drop_index('messages_receipts', 'messages')
