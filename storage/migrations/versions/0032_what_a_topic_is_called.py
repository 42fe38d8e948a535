"""What a topic in the staff group is called, so that it can be called otherwise"""

import sqlalchemy as sa
from alembic import op

revision = '0032'
down_revision = '0031'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('staff_topics', sa.Column('name', sa.String(64)))


def downgrade() -> None:
    op.drop_column('staff_topics', 'name')
