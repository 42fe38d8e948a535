"""When people are asked how it is going: the rhythm, the time on their own clock, one message a day"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.locks import take

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade() -> None:
    take(op.get_bind(), changed=['contacts', 'reminders'])
    op.add_column('contacts', sa.Column('rhythm_from', sa.Date()))
    op.add_column('contacts', sa.Column('ask_on', sa.Date()))
    op.add_column('contacts', sa.Column('wrote_on', sa.Date()))
    op.add_column('reminders', sa.Column('wall', sa.String(16)))


def downgrade() -> None:
    take(op.get_bind(), changed=['contacts', 'reminders'])
    op.drop_column('reminders', 'wall')
    op.drop_column('contacts', 'wrote_on')
    op.drop_column('contacts', 'ask_on')
    op.drop_column('contacts', 'rhythm_from')
