"""Partners that the centre has changed, version by version"""

import sqlalchemy as sa
from alembic import op

import storage.tables

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table(
        'partners',
        sa.Column('slug', sa.String(64), nullable=False),
        sa.Column('content', storage.tables.Json(), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('slug'),
    )
    op.create_table(
        'partner_versions',
        sa.Column('id', ID, nullable=False),
        sa.Column('slug', sa.String(64), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('content', storage.tables.Json(), nullable=False),
        sa.Column('counsellor_id', ID),
        sa.Column('at', storage.tables.Moment(), nullable=False),
        sa.ForeignKeyConstraint(['counsellor_id'], ['counsellors.id'], ondelete='SET NULL'),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('slug', 'version'),
    )


def downgrade() -> None:
    op.drop_table('partner_versions')
    op.drop_table('partners')
