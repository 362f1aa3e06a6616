"""Other ways of matching, written anew from their public descriptions: what the engine is measured beside.

In: LINES and ITEMS as received. Out: `line_id item_id`, with a `confidence` where the product has one. They are
given the project's own parsed references and folded names, which is more than some of the products have.
Never: the product itself. What is not in a description is decided in the product's favour.
"""
