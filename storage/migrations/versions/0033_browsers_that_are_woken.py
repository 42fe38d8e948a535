"""Browsers that show a sign when there is something new"""

import sqlalchemy as sa
from alembic import op

import storage.tables

revision = '0033'
down_revision = '0032'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table(
        'chat_pushes',
        sa.Column('endpoint_hash', sa.String(24), nullable=False),
        sa.Column('contact_id', ID, nullable=False),
        sa.Column('address_id', ID, nullable=False),
        sa.Column('endpoint', sa.Text(), nullable=False),
        sa.Column('made_at', storage.tables.Moment(), nullable=False),
        sa.Column('seen_to', ID, nullable=False),
        sa.Column('woken_at', storage.tables.Moment(), nullable=True),
        sa.Column('failures', sa.Integer(), nullable=False),
        sa.Column('due_at', storage.tables.Moment(), nullable=True),
        sa.ForeignKeyConstraint(['contact_id'], ['contacts.id'], ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['address_id'], ['addresses.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('endpoint_hash'),
    )
    op.create_index('chat_pushes_of', 'chat_pushes', ['contact_id'])
    op.create_index('chat_pushes_at', 'chat_pushes', ['address_id'])
    op.create_table(
        'desk_pushes',
        sa.Column('session', sa.String(64), nullable=False),
        sa.Column('counsellor_id', ID, nullable=False),
        sa.Column('endpoint_hash', sa.String(24), nullable=False),
        sa.Column('endpoint', sa.Text(), nullable=False),
        sa.Column('made_at', storage.tables.Moment(), nullable=False),
        sa.Column('woken_at', storage.tables.Moment(), nullable=True),
        sa.Column('failures', sa.Integer(), nullable=False),
        sa.Column('due_at', storage.tables.Moment(), nullable=True),
        sa.ForeignKeyConstraint(['session'], ['sessions.token_hash'], ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['counsellor_id'], ['counsellors.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('session'),
        sa.UniqueConstraint('endpoint_hash'),
    )
    op.create_index('desk_pushes_of', 'desk_pushes', ['counsellor_id'])


def downgrade() -> None:
    op.drop_table('desk_pushes')
    op.drop_table('chat_pushes')
    op.execute("DELETE FROM system_keys WHERE name = 'push'")
