"""Files that people send, in locked pieces"""

import sqlalchemy as sa
from alembic import op

import storage.tables
from storage.migrations.locks import take

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    take(op.get_bind(), changed=['contacts', 'messages'])
    op.create_table(
        'media',
        sa.Column('message_id', ID, nullable=False, autoincrement=False),
        sa.Column('contact_id', ID, nullable=False),
        sa.Column('state', sa.String(12), nullable=False),
        sa.Column('type', sa.String(96)),
        sa.Column('size', sa.Integer()),
        sa.Column('attempts', sa.Integer(), nullable=False),
        sa.Column('due_at', storage.tables.Moment()),
        sa.ForeignKeyConstraint(['message_id'], ['messages.id'], ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['contact_id'], ['contacts.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('message_id'),
    )
    op.create_index('media_of', 'media', ['contact_id'])
    op.create_index('media_waiting', 'media', ['due_at'], sqlite_where=WAITING, postgresql_where=WAITING)
    op.create_table(
        'media_parts',
        sa.Column('key', sa.String(40), nullable=False),
        sa.Column('message_id', ID, nullable=False),
        sa.Column('contact_id', ID, nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('content', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(['message_id'], ['media.message_id'], ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['contact_id'], ['contacts.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('key'),
    )
    op.create_index('media_parts_in', 'media_parts', ['message_id', 'number'])
    op.create_index('media_parts_of', 'media_parts', ['contact_id'])


def downgrade() -> None:
    take(op.get_bind(), changed=['contacts', 'messages', 'media', 'media_parts'])
    op.drop_table('media_parts')
    op.drop_table('media')
