"""What is added up and searched in, read out of the frozen quotes and the services."""

from django.db import migrations, models

from ringup.catalog.pricing import Quote

AT_ONCE = 500


def derive(apps, schema_editor):
    """As ``OrderLine.save`` does from now on."""
    OrderLine = apps.get_model("orders", "OrderLine")
    last = 0
    while lines := list(
        OrderLine.objects.select_related("service")
        .defer("service__wanted", "service__secrets_sealed")
        .filter(pk__gt=last)
        .order_by("pk")[:AT_ONCE]
    ):
        for line in lines:
            monthly = Quote.from_data(line.quote).monthly
            line.monthly_micros, line.monthly_currency = monthly.micros, monthly.currency
            line.domain = line.service.name.lower() if line.service.kind == "tenant" else ""
        OrderLine.objects.bulk_update(lines, ["monthly_micros", "monthly_currency", "domain"])
        last = lines[-1].pk


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0003_carts_and_threads"),
        ("services", "0003_count_claims"),
    ]

    operations = [
        migrations.AddField(
            model_name="orderline",
            name="domain",
            field=models.CharField(blank=True, max_length=200, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="orderline",
            name="monthly_currency",
            field=models.CharField(max_length=3, default="USD"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="orderline",
            name="monthly_micros",
            field=models.BigIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.RunPython(derive, migrations.RunPython.noop),
    ]
