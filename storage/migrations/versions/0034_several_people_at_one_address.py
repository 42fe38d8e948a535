"""Several people who use one phone"""

import sqlalchemy as sa
from alembic import op

import storage.tables
from storage.migrations.locks import take

revision = '0034'
down_revision = '0033'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    take(op.get_bind(), changed=['addresses'])
    op.add_column('addresses', sa.Column('nobody_id', ID))
    op.add_column('addresses', sa.Column('heard_at', storage.tables.Moment()))
    shared = sa.text('nobody_id IS NOT NULL')
    op.create_index('addresses_shared', 'addresses', ['nobody_id'], sqlite_where=shared, postgresql_where=shared)
    op.create_table(
        'sharers',
        sa.Column('id', ID, nullable=False),
        sa.Column('address_id', ID, nullable=False),
        sa.Column('contact_id', ID, nullable=False),
        sa.Column('sign', sa.Text(), nullable=False),
        sa.Column('digits_hash', sa.String(64), nullable=False),
        sa.Column('tries', sa.Integer(), nullable=False),
        sa.Column('tried_at', storage.tables.Moment()),
        sa.Column('is_told', sa.Boolean(), nullable=False),
        sa.Column('is_left', sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(['address_id'], ['addresses.id'], ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['contact_id'], ['contacts.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id'),
        sqlite_autoincrement=True,
    )
    op.create_index('sharers_at', 'sharers', ['address_id'])
    op.create_index('sharers_of', 'sharers', ['contact_id'])


def downgrade() -> None:
    take(op.get_bind(), changed=['addresses'])
    op.drop_table('sharers')
    op.drop_index('addresses_shared', 'addresses')
    op.drop_column('addresses', 'heard_at')
    op.drop_column('addresses', 'nobody_id')
