"""Splits: pieces of a replay that travel to other processes and machines."""


class Split(str):
    """A piece of a replay, for read_split; the text is its JSON document.

    It is a str, so that it can be stored, sent and pickled like one. Its repr shows no URL: those of
    presigned splits open a bucket to whoever has them.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<flashflood.Split of {len(self)} bytes>"

    def to_dict(self) -> dict[str, object]:
        """The document, decoded."""
        import json  # not before it is needed: the package is to be imported quickly

        document: dict[str, object] = json.loads(self)
        return document
