"""The run that the bot asks in the middle of a talk"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.locks import take

revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None


def upgrade() -> None:
    take(op.get_bind(), changed=['tickets'])
    op.add_column('tickets', sa.Column('form_run', sa.BigInteger().with_variant(sa.Integer(), 'sqlite')))


def downgrade() -> None:
    take(op.get_bind(), changed=['tickets'])
    op.drop_column('tickets', 'form_run')
