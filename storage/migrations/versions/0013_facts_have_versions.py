"""Facts have versions, and who was told which is known for 90 days"""

import sqlalchemy as sa
from alembic import op

import storage.sealed.types
import storage.tables
from storage.migrations.locks import take

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    take(op.get_bind(), changed=['facts'])
    op.add_column('facts', sa.Column('version', sa.Integer(), server_default='1', nullable=False))
    op.create_table(
        'fact_versions',
        sa.Column('id', ID, nullable=False),
        sa.Column('fact_id', sa.String(80), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('content', storage.tables.Json(), nullable=False),
        sa.Column('counsellor_id', ID),
        sa.Column('at', storage.tables.Moment(), nullable=False),
        sa.ForeignKeyConstraint(['counsellor_id'], ['counsellors.id'], ondelete='SET NULL'),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('fact_id', 'version'),
    )
    op.create_table(
        'told_facts',
        sa.Column('id', ID, nullable=False),
        sa.Column('contact_id', ID, nullable=False),
        sa.Column('fact', storage.sealed.types.Sealed('told_facts.fact'), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('at', storage.tables.Moment(), nullable=False),
        sa.ForeignKeyConstraint(['contact_id'], ['contacts.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('told_facts_of', 'told_facts', ['contact_id'])
    op.create_index('told_facts_at', 'told_facts', ['at'])


def downgrade() -> None:
    take(op.get_bind(), changed=['facts', 'fact_versions', 'told_facts'])
    op.drop_table('told_facts')
    op.drop_table('fact_versions')
    op.drop_column('facts', 'version')
