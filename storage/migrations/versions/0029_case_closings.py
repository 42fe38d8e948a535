"""The end of a case: why, and whether the person has come back; who has died gets no message any more"""

import sqlalchemy as sa
from alembic import op

import storage.sealed.types
import storage.tables
from storage.migrations.locks import take

revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    take(op.get_bind(), changed=['contacts'])
    op.add_column('contacts', sa.Column('died_at', storage.tables.Moment()))
    op.create_table(
        'case_closings',
        sa.Column('id', ID, nullable=False),
        sa.Column('contact_id', ID, nullable=False),
        sa.Column('counsellor_id', ID),
        sa.Column('why', sa.String(16), nullable=False),
        sa.Column('note', storage.sealed.types.Sealed('case_closings.note'), nullable=False),
        sa.Column('why_leaves', sa.String(16)),
        sa.Column('at', storage.tables.Moment(), nullable=False),
        sa.Column('reopened_at', storage.tables.Moment()),
        sa.ForeignKeyConstraint(['contact_id'], ['contacts.id'], ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['counsellor_id'], ['counsellors.id'], ondelete='SET NULL'),
        sa.PrimaryKeyConstraint('id'),
        sqlite_autoincrement=True,
    )
    op.create_index('case_closings_of', 'case_closings', ['contact_id'])


def downgrade() -> None:
    take(op.get_bind(), changed=['contacts', 'case_closings'])
    op.drop_table('case_closings')
    op.drop_column('contacts', 'died_at')
