"""What the safety gate found in a talk, and what the person was shown of it"""

import sqlalchemy as sa
from alembic import op

import storage.tables
from storage.migrations.locks import take

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    take(op.get_bind(), changed=['tickets'])
    op.add_column('tickets', sa.Column('alarm', storage.tables.Json()))


def downgrade() -> None:
    take(op.get_bind(), changed=['tickets'])
    op.drop_column('tickets', 'alarm')
