"""The closed list of what the bot may ever say unencrypted (architecture 5). No sentence holds a value."""

UNENCRYPTED = "Samrum arbetar bara i krypterade rum. Gör ett nytt direktrum med kryptering påslagen och bjud in Samrum till det."
STRANGER = "Samrum känner inte dig: bara den som står i katalogen kan använda det. Be din enhets administratör att lägga till dig."
CROWDED = "Samrum tar emot inbjudningar till direktrum med en enda person. Ärenderum och inkorgar gör Samrum självt."

CLEAR = frozenset({UNENCRYPTED, STRANGER, CROWDED})
