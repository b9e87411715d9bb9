"""Balance and transactions."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from ringup.sandbox.voipms.catalogue import Answer, Method
from ringup.sandbox.voipms.parameters import Parameters
from ringup.sandbox.voipms.state import State
from ringup.sandbox.voipms.statuses import StatusError


def get_balance(state: State, params: Parameters) -> Answer:
    balance = {"current_balance": f"{state.balance:.6f}"}
    if params.flag("advanced"):
        today = datetime.now(UTC).strftime("%Y-%m-%d")
        spent = [(charge.date, -Decimal(charge.amount)) for charge in state.ledger]
        balance |= {
            "spent_total": f"{sum((amount for _, amount in spent), Decimal(0)):.5f}",
            "calls_total": "0",
            "time_total": "00:00:00",
            "spent_today": f"{sum((n for day, n in spent if day[:10] == today), Decimal(0)):.4f}",
            "calls_today": "0",
            "time_today": "00:00",
        }
    return {"balance": balance}


def get_transaction_history(state: State, params: Parameters) -> Answer:
    first = _day(params.required("date_from", "from_date"))
    last = _day(params.required("date_to", "to_date"))
    if first > last:
        raise StatusError("invalid_date_from")
    found = [
        {
            "date": charge.date,
            "uniqueid": charge.uniqueid,
            "type": charge.type,
            "description": charge.description,
            "ammount": charge.amount,  # spelled so on the wire
        }
        for charge in state.ledger
        if first <= _day(charge.date[:10]) <= last
    ]
    if not found:
        raise StatusError("no_transactions")
    return {"transactions": found}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise StatusError("invalid_date") from error


METHODS: dict[str, Method] = {
    "getBalance": get_balance,
    "getTransactionHistory": get_transaction_history,
}
