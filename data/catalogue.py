"""Products on the price list, and how a deal's value becomes order lines."""

from __future__ import annotations

from random import Random

from data.model import Line, Product
from data.vocabulary import Vocabulary

# The planted loss maker is the product priced barely above its cost; any usual discount sinks it.
_LOSS_MARGIN = 0.1


def stock(vocabulary: Vocabulary, seed: int) -> list[Product]:
    """The catalogue with stock on hand; a few items have been taken off sale."""
    rng = Random(f"{seed}:{vocabulary.language}:products")
    found: list[Product] = []
    for index, item in enumerate(vocabulary.items, 1):
        code = vocabulary.item_code.format(family=item.family + 1, index=index, model=item.model)
        level = round(rng.lognormvariate(3.6, 0.9) * min(4.0, 6000 / item.price + 0.05))
        found.append(
            Product(
                index,
                code,
                item.name,
                item.model,
                vocabulary.families[item.family],
                item.price,
                item.cost,
                item.unit,
                level,
                index % 13 != 12,
                item.weight,
            )
        )
    return found


def loss_maker(products: list[Product]) -> Product:
    """The product that loses money at the usual discount."""
    return next(p for p in products if 1 - p.cost / p.price < _LOSS_MARGIN)


def compose(rng: Random, products: list[Product], team: int, value: float, discount: float) -> list[Line]:
    """Order lines worth about the value: one to four products that fit the budget and the region's taste."""
    families = sorted({p.family for p in products})
    count = rng.choices((1, 2, 3, 4), (0.34, 0.34, 0.22, 0.1))[0]
    lines: list[Line] = []
    taken: set[int] = set()
    for position in range(count):
        share = value / count * rng.uniform(0.75, 1.25)
        fitting = [p for p in products if p.active and p.price <= share * 1.25 and p.key not in taken]
        if not fitting:
            fitting = [min((p for p in products if p.key not in taken), key=lambda p: p.price)]
        # Dear goods are bought in ones and twos, so a budget prefers goods near its own size.
        weights = [
            p.weight
            * (0.25 + min(1.0, 12 * p.price / share))
            * (1.8 if (families.index(p.family) + team) % 3 == 0 else 1.0)
            for p in fitting
        ]
        product = rng.choices(fitting, weights)[0]
        taken.add(product.key)
        cut = min(0.32, max(0.0, discount + rng.gauss(0, 0.015)))
        if 1 - product.cost / product.price < _LOSS_MARGIN:
            cut = min(0.3, cut + rng.uniform(0.05, 0.12))
        cut = round(cut, 3)
        price = round(product.price * (1 - cut), 2)
        lines.append(Line(position, product.key, max(1, round(share / price)), price, cut))
    return lines


def total(lines: list[Line]) -> float:
    return round(sum(line.quantity * line.price for line in lines), 2)
