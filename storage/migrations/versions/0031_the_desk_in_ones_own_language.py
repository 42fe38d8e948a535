"""In which language a counsellor reads the console"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.locks import take

revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None


def upgrade() -> None:
    take(op.get_bind(), changed=['counsellors'])
    op.add_column('counsellors', sa.Column('reads_in', sa.String(16)))


def downgrade() -> None:
    take(op.get_bind(), changed=['counsellors'])
    op.drop_column('counsellors', 'reads_in')
