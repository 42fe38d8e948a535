"""Links that are handed out, and by which of them somebody came"""

import sqlalchemy as sa
from alembic import op

import storage.tables
from storage.migrations.locks import take

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    take(op.get_bind(), changed=['contacts'])
    op.create_table(
        'ways_in',
        sa.Column('id', ID, nullable=False),
        sa.Column('code', sa.String(16), nullable=False),
        sa.Column('name', sa.String(60), nullable=False),
        sa.Column('language', sa.String(16)),
        sa.Column('created_at', storage.tables.Moment(), nullable=False),
        sa.Column('counsellor_id', ID),
        sa.Column('ended_at', storage.tables.Moment()),
        sa.ForeignKeyConstraint(['counsellor_id'], ['counsellors.id'], ondelete='SET NULL'),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('code'),
    )
    op.add_column('contacts', sa.Column('came_by', ID))


def downgrade() -> None:
    take(op.get_bind(), changed=['contacts'])
    op.drop_column('contacts', 'came_by')
    op.drop_table('ways_in')
