"""Appointments: offered times, the one that was picked, and quarters of an hour that nobody gives away twice"""

import sqlalchemy as sa
from alembic import op

import storage.sealed.types
import storage.tables
from storage.migrations.locks import take

revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
AGREED = sa.text("state = 'agreed'")


def upgrade() -> None:
    op.create_table(
        'appointments',
        sa.Column('id', ID, nullable=False),
        sa.Column('contact_id', ID, nullable=False),
        sa.Column('key', sa.String(128), nullable=False),
        sa.Column('counsellor_id', ID),
        sa.Column('state', sa.String(12), nullable=False),
        sa.Column('asks', sa.Boolean(), nullable=False),
        sa.Column('offers', storage.tables.Json(), nullable=False),
        sa.Column('starts_at', storage.tables.Moment()),
        sa.Column('minutes', sa.Integer(), nullable=False),
        sa.Column('place', storage.sealed.types.Sealed('appointments.place', row='key'), nullable=False),
        sa.Column('bring', storage.sealed.types.Sealed('appointments.bring', row='key'), nullable=False),
        sa.Column('changes', sa.Integer(), nullable=False),
        sa.Column('created_at', storage.tables.Moment(), nullable=False),
        sa.Column('changed_at', storage.tables.Moment(), nullable=False),
        sa.ForeignKeyConstraint(['contact_id'], ['contacts.id'], ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['counsellor_id'], ['counsellors.id'], ondelete='SET NULL'),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('contact_id', 'key'),
        sqlite_autoincrement=True,
    )
    op.create_index('appointments_at', 'appointments', ['starts_at'], sqlite_where=AGREED, postgresql_where=AGREED)
    op.create_table(
        'booked_times',
        sa.Column('counsellor_id', ID, nullable=False),
        sa.Column('quarter', ID, nullable=False),
        sa.Column('appointment_id', ID, nullable=False),
        sa.ForeignKeyConstraint(['counsellor_id'], ['counsellors.id'], ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['appointment_id'], ['appointments.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('counsellor_id', 'quarter'),
    )
    op.create_index('booked_times_of', 'booked_times', ['appointment_id'])


def downgrade() -> None:
    take(op.get_bind(), changed=['appointments', 'booked_times'])
    op.drop_table('booked_times')
    op.drop_table('appointments')
