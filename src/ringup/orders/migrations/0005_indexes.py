"""Indexes to read orders by, newest first."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_brands_and_guards'),
        ('catalog', '0004_no_price_columns'),
        ('orders', '0004_for_the_queue'),
        ('services', '0003_count_claims'),
    ]

    operations = [
        migrations.AlterField(
            model_name='order',
            name='state',
            field=models.CharField(choices=[('pending', 'Pending'), ('choose-number', 'Choose another number'), ('approved', 'Approved'), ('completed', 'Completed'), ('rejected', 'Rejected'), ('cancelled', 'Cancelled')], default='pending', max_length=16),
        ),
        migrations.AlterField(
            model_name='order',
            name='submitted',
            field=models.DateTimeField(auto_now_add=True),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['submitted', 'id'], name='orders_newest'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['state', 'submitted', 'id'], name='orders_newest_of_state'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['client', 'submitted', 'id'], name='orders_newest_of_client'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(condition=models.Q(('is_sandbox', True)), fields=['submitted', 'id'], name='orders_newest_sandbox'),
        ),
        migrations.AddIndex(
            model_name='orderevent',
            index=models.Index(fields=['actor', 'order'], name='orders_of_actor'),
        ),
        migrations.AddIndex(
            model_name='orderevent',
            index=models.Index(fields=['new', 'at'], name='orders_moves_by_day'),
        ),
        migrations.AddIndex(
            model_name='orderline',
            index=models.Index(fields=['domain', 'order'], name='orders_domains'),
        ),
        migrations.AddIndex(
            model_name='orderline',
            index=models.Index(fields=['service', 'monthly_currency', 'monthly_micros'], name='orders_monthly'),
        ),
    ]
