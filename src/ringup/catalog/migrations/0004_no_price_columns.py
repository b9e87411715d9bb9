from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_move_prices")]

    operations = [
        migrations.RemoveField(
            model_name='bundle',
            name='monthly_currency',
        ),
        migrations.RemoveField(
            model_name='bundle',
            name='monthly_micros',
        ),
        migrations.RemoveField(
            model_name='bundle',
            name='setup_currency',
        ),
        migrations.RemoveField(
            model_name='bundle',
            name='setup_micros',
        ),
        migrations.RemoveField(
            model_name='product',
            name='monthly_currency',
        ),
        migrations.RemoveField(
            model_name='product',
            name='monthly_micros',
        ),
        migrations.RemoveField(
            model_name='product',
            name='setup_currency',
        ),
        migrations.RemoveField(
            model_name='product',
            name='setup_micros',
        ),
    ]
