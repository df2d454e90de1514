// Secret storage: the account's cross-signing keys on the homeserver, encrypted under a recovery key.
import { decodeRecoveryKey } from "matrix-js-sdk/lib/crypto-api/recovery-key.js";

// What the SDK asks of the person in front of it: the recovery key.
export function callbacks(person) {
    return {
        getSecretStorageKey: async ({ keys }) => {
            const { recoveryKey } = person();
            return recoveryKey ? [Object.keys(keys)[0], recoveryKey] : null;
        },
        cacheSecretStorageKey: (_id, _info, key) => {
            person().recoveryKey = key;
        },
    };
}

// The public key of this device, which clients show their owner as "session key".
export async function sessionKey({ client }) {
    return (await client.getCrypto().getOwnDeviceKeys()).ed25519;
}

// Stores the keys of this client and returns the recovery key as people write it down.
export async function keepSecrets({ client }) {
    const crypto = client.getCrypto();
    const made = await crypto.createRecoveryKeyFromPassphrase();
    await crypto.bootstrapSecretStorage({ createSecretStorageKey: async () => made, setupNewSecretStorage: true });
    return made.encodedPrivateKey;
}

// Fetches the keys of the account and signs this device with them; returns the public master key.
export async function restoreSecrets(person, { recoveryKey }) {
    person.recoveryKey = decodeRecoveryKey(recoveryKey);
    // The SDK imports nothing before it has seen the public keys.
    await person.client.getCrypto().userHasCrossSigningKeys(undefined, true);
    await person.crossSign({});
    return person.client.getCrypto().getCrossSigningKeyId();
}
