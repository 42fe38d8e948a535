"""The staff group: whose Telegram account is whose, the topic of each ticket, and what stands in it"""

import sqlalchemy as sa
from alembic import op

import storage.tables
from storage.migrations.locks import take

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    take(op.get_bind(), changed=['counsellors'])
    op.add_column('counsellors', sa.Column('telegram_id', sa.BigInteger()))
    op.create_index('counsellors_telegram', 'counsellors', ['telegram_id'], unique=True)
    op.create_table(
        'staff_topics',
        sa.Column('ticket_id', ID, autoincrement=False, nullable=False),
        sa.Column('thread_id', sa.BigInteger()),
        sa.Column('after_id', ID, nullable=False),
        sa.Column('hides', sa.Boolean(), nullable=False),
        sa.Column('is_closed', sa.Boolean(), nullable=False),
        sa.Column('made_at', storage.tables.Moment()),
        sa.PrimaryKeyConstraint('ticket_id'),
    )
    op.create_table(
        'staff_posts',
        sa.Column('ticket_id', ID, autoincrement=False, nullable=False),
        sa.Column('kind', sa.String(12), nullable=False),
        sa.Column('row_id', ID, autoincrement=False, nullable=False),
        sa.Column('message_id', sa.BigInteger()),
        sa.PrimaryKeyConstraint('ticket_id', 'kind', 'row_id'),
    )


def downgrade() -> None:
    take(op.get_bind(), changed=['counsellors', 'staff_topics', 'staff_posts'])
    op.drop_table('staff_posts')
    op.drop_table('staff_topics')
    op.drop_index('counsellors_telegram', 'counsellors')
    op.drop_column('counsellors', 'telegram_id')
