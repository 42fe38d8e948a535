"""A step is proposed and agreed: its papers, its partner, why it was dropped, and what a counsellor would change"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.locks import take

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None

NEW = ('reason', 'papers', 'partner', 'source', 'version', 'offer')


def upgrade() -> None:
    take(op.get_bind(), changed=['plan_steps'])
    op.add_column('plan_steps', sa.Column('reason', sa.Text()))
    op.add_column('plan_steps', sa.Column('papers', sa.Text()))
    op.add_column('plan_steps', sa.Column('partner', sa.String(64)))
    op.add_column('plan_steps', sa.Column('source', sa.Text()))
    op.add_column('plan_steps', sa.Column('version', sa.Integer(), server_default='1', nullable=False))
    op.add_column('plan_steps', sa.Column('offer', sa.Text()))


def downgrade() -> None:
    take(op.get_bind(), changed=['plan_steps'])
    for name in reversed(NEW):
        op.drop_column('plan_steps', name)
