"""What goes to a partner is kept as the person was shown it, with who proposed it and whether it helped"""

import sqlalchemy as sa
from alembic import op

import storage.sealed.types
from storage.migrations.locks import take

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    take(op.get_bind(), changed=['referrals'])
    op.add_column('referrals', sa.Column('sends', storage.sealed.types.Sealed('referrals.sends', json=True, row='key')))
    op.add_column('referrals', sa.Column('by_id', ID))
    op.add_column('referrals', sa.Column('helped', sa.String(8)))
    op.create_index('referrals_partner', 'referrals', ['partner', 'state'])


def downgrade() -> None:
    take(op.get_bind(), changed=['referrals'])
    op.drop_index('referrals_partner', table_name='referrals')
    for name in ('sends', 'by_id', 'helped'):
        op.drop_column('referrals', name)
