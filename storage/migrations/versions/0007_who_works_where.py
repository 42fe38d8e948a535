"""The areas and languages of each counsellor"""

import sqlalchemy as sa
from alembic import op

import storage.tables
from storage.migrations.locks import take

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Who was here could read everything until today. A coordinator takes away what is not theirs."""
    take(op.get_bind(), changed=['counsellors'])
    op.add_column('counsellors', sa.Column('areas', storage.tables.Json()))
    op.add_column('counsellors', sa.Column('languages', storage.tables.Json()))
    op.execute("""UPDATE counsellors SET areas = '["employment","migration","reintegration","psychosocial"]'""")


def downgrade() -> None:
    take(op.get_bind(), changed=['counsellors'])
    op.drop_column('counsellors', 'languages')
    op.drop_column('counsellors', 'areas')
