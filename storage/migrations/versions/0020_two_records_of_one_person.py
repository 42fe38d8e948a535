"""Two records of one person can be made one, and go back"""

import sqlalchemy as sa
from alembic import op

import storage.sealed.types
import storage.tables
from storage.migrations.locks import take

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table(
        'merges',
        sa.Column('id', ID, nullable=False),
        sa.Column('contact_id', ID, nullable=False),
        sa.Column('other_id', ID, nullable=False),
        sa.Column('counsellor_id', ID),
        sa.Column('at', storage.tables.Moment(), nullable=False),
        sa.Column('moved', storage.tables.Json(), nullable=False),
        sa.Column('before', storage.sealed.types.Sealed('merges.before', json=True)),
        sa.Column('undone_at', storage.tables.Moment()),
        sa.Column('undone_by', ID),
        sa.ForeignKeyConstraint(['contact_id'], ['contacts.id'], ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['counsellor_id'], ['counsellors.id'], ondelete='SET NULL'),
        sa.PrimaryKeyConstraint('id'),
        sqlite_autoincrement=True,
    )
    op.create_index('merges_of', 'merges', ['contact_id', 'id'])
    op.create_index('merges_from', 'merges', ['other_id'])


def downgrade() -> None:
    take(op.get_bind(), changed=['merges'])
    op.drop_table('merges')
