"""From a service's wanted state to the steps that make it, in order. Reads no outside system."""

from __future__ import annotations

from ringup.carriers.port import Target, ToSipUri, ToTelephone, ToTrunk
from ringup.core.failures import OurFault
from ringup.core.ids import outside_uuid
from ringup.numbers.models import OwnedNumber
from ringup.pbx.port import destination_key, tenant_key
from ringup.provisioning.site import Site
from ringup.provisioning.step import StepWork
from ringup.provisioning.steps.carrier_access import CarrierAccess
from ringup.provisioning.steps.documents_upload import DocumentsUpload
from ringup.provisioning.steps.gateway_up import GatewayUp
from ringup.provisioning.steps.identity_submission import IdentitySubmission
from ringup.provisioning.steps.number_adoption import NumberAdoption
from ringup.provisioning.steps.number_purchase import NumberPurchase
from ringup.provisioning.steps.number_registration import NumberRegistration
from ringup.provisioning.steps.number_routing import NumberRouting
from ringup.provisioning.steps.pbx_refresh import PbxRefresh
from ringup.provisioning.steps.tenant_build import TenantBuild
from ringup.provisioning.steps.tenant_destination import TenantDestination
from ringup.provisioning.steps.trunk import Trunk, trunk_reference
from ringup.provisioning.steps.welcome_mail import WelcomeMail
from ringup.services.models import Service
from ringup.services.wanted import Goal, WantedNumber, WantedTenant


def steps_for(service: Service, site: Site) -> list[StepWork]:
    """Every step of ``service``, in the order in which a run takes them."""
    if service.kind == Service.Kind.TENANT:
        return _tenant_steps(service, site)
    return _number_steps(service, site)


def main_number(service: Service) -> OwnedNumber:
    """The number that a service is built with: a tenant's main number, or the number itself."""
    if service.kind == Service.Kind.TENANT:
        wanted = WantedTenant.from_data(service.wanted)
        return OwnedNumber.objects.select_related("account").get(uid=wanted.main_number)
    if service.number is None:
        raise OurFault(f"{service} has no number")
    return service.number


def _tenant_steps(service: Service, site: Site) -> list[StepWork]:
    """First everything that costs or can be refused, then the PBX in one step, then the proof."""
    number = main_number(service)
    return [
        *_obtained(service, number, site),
        Trunk(service, site),
        NumberRouting(number, ToTrunk(trunk_reference(service)), site),
        CarrierAccess(site),
        TenantBuild(service, number, site),
        PbxRefresh(tenant_key(service.uid), site),
        GatewayUp(service, site),
        WelcomeMail(service),
    ]


def _number_steps(service: Service, site: Site) -> list[StepWork]:
    number, wanted = main_number(service), WantedNumber.from_data(service.wanted)
    steps = _obtained(service, number, site)
    if wanted.goal is Goal.SIP_ACCOUNT:
        steps.append(Trunk(service, site))
    steps.append(NumberRouting(number, _goal(service, number, wanted), site))
    if wanted.goal is Goal.EXTENSION:
        tenant = _tenant_of(service)
        steps.append(TenantDestination(tenant, number, wanted, site))
        steps.append(PbxRefresh(destination_key(tenant.uid, number.uid), site))
    steps.append(WelcomeMail(service))
    return steps


def _obtained(service: Service, number: OwnedNumber, site: Site) -> list[StepWork]:
    """How the number becomes ours: bought, or taken from the shelf where it stands already. Papers
    are complete at the carrier before anything is paid; the number is registered with them after."""
    taken: StepWork
    taken = NumberAdoption(number, site) if number.is_own_stock else NumberPurchase(number, site)
    file = service.papers
    if file is None:
        return [taken]
    return [
        IdentitySubmission(file, number, site),
        DocumentsUpload(file, number, site),
        taken,
        NumberRegistration(file, number, site),
    ]


def _tenant_of(service: Service) -> Service:
    if service.tenant is None:
        raise OurFault(f"{service} is to ring an extension, and names no tenant")
    return service.tenant


def _goal(service: Service, number: OwnedNumber, wanted: WantedNumber) -> Target:
    entry = outside_uuid(service.uid, service.generation, "forwarding", str(number.uid))
    match wanted.goal:
        case Goal.TELEPHONE:
            return ToTelephone(wanted.value, entry)
        case Goal.SIP_URI:
            return ToSipUri(wanted.value, entry)
        case Goal.SIP_ACCOUNT:
            return ToTrunk(trunk_reference(service))
        case Goal.EXTENSION:
            return ToTrunk(trunk_reference(_tenant_of(service)))
