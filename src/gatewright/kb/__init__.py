"""The knowledge base: an article for everything that a user can meet, as data in the package.

`find_article(code)` is what a finding, the console and the terminal link to. The package knows nothing of the planes.
"""

from gatewright.kb.article import Article
from gatewright.kb.library import find_article, list_articles

__all__ = ["Article", "find_article", "list_articles"]
