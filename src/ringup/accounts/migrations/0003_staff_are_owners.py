"""Staff of before there were roles could do everything: they are owners."""

from django.db import migrations, models


def make_owners(apps, schema_editor):
    User = apps.get_model("accounts", "User")
    User.objects.filter(is_staff=True, role="").update(role="owner")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_roles")]

    operations = [
        migrations.RunPython(make_owners, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('is_staff', False), ('role', '')), models.Q(('is_staff', True), ('role__in', ['owner', 'manager', 'provisioning', 'billing', 'support', 'read-only'])), _connector='OR'), name='accounts_staff_has_a_role'),
        ),
    ]
