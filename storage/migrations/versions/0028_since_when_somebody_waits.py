"""Since when the person of a chat waits for a word of ours"""

import sqlalchemy as sa
from alembic import op

import storage.tables
from storage.migrations.locks import take

revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None

BEGAN = 'COALESCE(tickets.reopened_at, tickets.opened_at)'
REPLY = ("(SELECT MAX(r.id) FROM messages r WHERE r.contact_id = tickets.contact_id AND r.author = 'counsellor'"
         f" AND r.at >= {BEGAN})")
FILL = (f"UPDATE tickets SET waiting_since = CASE WHEN {REPLY} IS NULL THEN {BEGAN} ELSE"
        " (SELECT MIN(p.at) FROM messages p WHERE p.contact_id = tickets.contact_id AND p.author = 'person'"
        f" AND p.at >= {BEGAN} AND p.id > {REPLY}) END WHERE state != 'closed'")
"""As it was worked out until now, each time that somebody looked."""


def upgrade() -> None:
    take(op.get_bind(), changed=['tickets'])
    op.add_column('tickets', sa.Column('waiting_since', storage.tables.Moment()))
    op.execute(FILL)


def downgrade() -> None:
    take(op.get_bind(), changed=['tickets'])
    op.drop_column('tickets', 'waiting_since')
