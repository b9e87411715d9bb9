"""Reading and posting the catalogue's pages as a browser does."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client as Browser
from django.urls import reverse

from ringup.catalog.models import Product


def page(browser: Browser, name: str, *args: Any, **query: Any) -> str:
    answer = browser.get(reverse(f"office:{name}", args=args), query)
    assert answer.status_code == 200, name
    return answer.content.decode()


def seen_in(html: str, part: str) -> str:
    """What the form of this part of a page says that it showed."""
    found = re.search(
        rf'name="seen" value="([^"]+)"><input type="hidden" name="part" value="{part}"', html
    )
    assert found, part
    return found[1]


def settings_data(product: Product, **changes: Any) -> dict[str, Any]:
    return (
        {
            "name": product.name,
            "slug": product.slug,
            "group": product.group_id,
            "kind": product.kind,
            "description": product.description,
            "tax_class": product.tax_class,
            "seats": product.seats,
            "stock": "" if product.stock is None else product.stock,
            "position": product.position,
            "part": "settings",
        }
        | ({"is_hidden": "on"} if product.is_hidden else {})
        | changes
    )


def rows_data(prefix: str, rows: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A table as a browser posts it."""
    data = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": 0}
    for place, row in enumerate(rows):
        data |= {f"{prefix}-{place}-{name}": value for name, value in row.items()}
    return data | more


def price(cycle: str, amount: str, currency: str = "USD", **more: str) -> dict[str, str]:
    return {"cycle": cycle, "currency": currency, "amount": amount, "setup": ""} | more


def post(browser: Browser, view: str, /, *args: Any, **data: Any) -> Any:
    return browser.post(reverse(f"office:{view}", args=args), data)


def save_prices(browser: Browser, product: Product, rows: list[dict[str, str]]) -> Any:
    seen = seen_in(page(browser, "product", product.uid), "prices")
    data = rows_data("prices", rows, seen=seen, part="prices")
    return post(browser, "product-prices", product.uid, **data)


def only_seen(html: str) -> str:
    found = re.search(r'name="seen" value="([^"]+)"', html)
    assert found
    return found[1]
