"""Monthly prices and set-up fees move into rows of their own; a seat of before is one extension."""

from django.db import migrations


def move(apps, schema_editor):
    Price = apps.get_model("catalog", "Price")
    for name in ("Product", "Bundle"):
        for row in apps.get_model("catalog", name).objects.exclude(monthly_micros=None):
            Price.objects.create(
                **{name.lower(): row},
                cycle="monthly",
                currency=row.monthly_currency,
                amount_micros=row.monthly_micros,
                amount_currency=row.monthly_currency,
                setup_micros=row.setup_micros,
                setup_currency=row.setup_currency,
            )
    apps.get_model("catalog", "Product").objects.filter(kind="seats").update(seats=1)
    for rule in apps.get_model("catalog", "NumberPriceRule").objects.all():
        rule.currency = rule.floor_currency
        rule.save(update_fields=["currency"])


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_prices_and_mappings")]

    operations = [migrations.RunPython(move, migrations.RunPython.noop)]
