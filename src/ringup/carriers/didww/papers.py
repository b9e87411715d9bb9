"""The part of the adapter that takes papers: mixed into the class that sells."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping

from ringup.carriers.didww import callbacks
from ringup.carriers.didww.addresses import Addresses
from ringup.carriers.didww.areas import Areas
from ringup.carriers.didww.client import DidwwClient
from ringup.carriers.didww.documents import Documents
from ringup.carriers.didww.identities import Identities
from ringup.carriers.didww.requirements import Requirements
from ringup.carriers.didww.verifying import Verifying
from ringup.carriers.didww.versions import Dialect
from ringup.carriers.didww.withdrawing import withdraw
from ringup.carriers.papers import (
    AddressPaper,
    Area,
    DocumentPaper,
    Hint,
    IdentityPaper,
    Requirement,
    Verification,
)
from ringup.carriers.port import CarrierConnection, CarrierNumber, SettingField

CALLBACKS = "Callbacks"
CALLBACK_FIELDS = (
    SettingField(
        "callback_secret",
        "Callback secret",
        "Created and enabled in DIDWW's portal under API, Callback Secrets. Without it nothing that "
        "DIDWW calls back is believed, and it is asked every few minutes instead.",
        secret=True,
        required=False,
        section=CALLBACKS,
    ),
)


class TakingPapers:
    """See ``ringup.carriers.papers.TakesPapers`` for what each method promises."""

    def _take_papers(
        self,
        client: DidwwClient,
        connection: CarrierConnection,
        number_of: Callable[[uuid.UUID], CarrierNumber | None],
    ) -> None:
        """Called once by the adapter. ``number_of`` is its ``find_reference``."""
        self.__client = client
        self.__secret = connection.secrets.get("callback_secret", "")
        self.__requirements = Requirements(client, Dialect(client.authentication.version))
        self.__areas = Areas(client)
        self.__identities = Identities(client, self.__areas)
        self.__addresses = Addresses(client, self.__areas)
        self.__documents = Documents(client)
        self.__verifying = Verifying(
            client,
            self.__requirements,
            self.__documents,
            number_of=number_of,
            callback_url=connection.callback_url,
        )

    def requirement(self, place: str) -> Requirement | None:
        return self.__requirements.of_group(place)

    def address_areas(self, requirement: Requirement) -> list[Area]:
        return self.__areas.of(requirement)

    def submit_identity(self, identity: IdentityPaper) -> str:
        return self.__identities.submit(identity)

    def submit_address(self, address: AddressPaper, *, identity: str) -> str:
        return self.__addresses.submit(address, identity=identity)

    def submitted(self, *, identity: uuid.UUID, address: uuid.UUID) -> tuple[str, str]:
        return self.__identities.key(identity), self.__addresses.key(address)

    def upload(self, document: DocumentPaper, *, identity: str, address: str) -> str:
        return self.__documents.attach(document, identity=identity, address=address)

    def missing(self, requirement: str, *, identity: str, address: str) -> list[str]:
        return self.__verifying.missing(requirement, identity=identity, address=address)

    def verify(
        self,
        reference: uuid.UUID,
        *,
        number: uuid.UUID,
        address: str,
        forms: tuple[DocumentPaper, ...] = (),
        service_description: str = "",
    ) -> Verification:
        return self.__verifying.verify(
            reference,
            number=number,
            address=address,
            forms=forms,
            service_description=service_description,
        )

    def verification(self, reference: uuid.UUID) -> Verification | None:
        return self.__verifying.verification(reference)

    def withdraw(self, *, identity: str, address: str) -> bool:
        return withdraw(self.__client, identity=identity, address=address)

    def read_callback(
        self, *, url: str, method: str, headers: Mapping[str, str], body: bytes
    ) -> list[Hint]:
        return callbacks.hints(self.__secret, url=url, method=method, headers=headers, body=body)
