"""Room that was claimed before it was counted."""

from django.db import migrations
from django.db.models import Count, Sum


def count(apps, schema_editor):
    DomainClaim = apps.get_model("services", "DomainClaim")
    for claim in DomainClaim.objects.select_related("service"):
        claim.extensions = len(claim.service.wanted.get("extensions", []))
        claim.save(update_fields=["extensions"])
    totals = DomainClaim.objects.values("server").annotate(many=Count("pk"), all=Sum("extensions"))
    for total in totals:
        apps.get_model("pbx", "PbxServer").objects.filter(pk=total["server"]).update(
            claimed_tenants=total["many"], claimed_extensions=total["all"]
        )


class Migration(migrations.Migration):
    dependencies = [
        ("services", "0002_claimed_extensions"),
        ("pbx", "0002_capacity_and_templates"),
    ]

    operations = [migrations.RunPython(count, migrations.RunPython.noop)]
