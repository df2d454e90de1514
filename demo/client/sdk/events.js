// An event as the person's client has it: what was on the wire, what came out of it, and how far it can be trusted.
import { EventShieldColour, EventShieldReason } from "matrix-js-sdk/lib/crypto-api/index.js";

// What could not be read stays what it was on the wire: the SDK would show a message of its own in its place.
export async function describe(client, event) {
    const failed = event.isDecryptionFailure();
    const content = failed ? {} : event.getOriginalContent();
    return {
        room: event.getRoomId(),
        id: event.getId(),
        sender: event.getSender(),
        type: failed ? event.getWireType() : event.getType(),
        wireType: event.getWireType(),
        stateKey: event.getStateKey() ?? null,
        time: event.getTs(),
        content,
        // The relation travels beside the ciphertext; the decrypted content need not repeat it.
        relation: event.getWireContent()["m.relates_to"] ?? content["m.relates_to"] ?? {},
        redacts: event.event.redacts ?? content.redacts ?? "",
        redacted: event.isRedacted(),
        failure: failed ? event.decryptionFailureReason : "",
        shield: await shield(client, event),
    };
}

async function shield(client, event) {
    if (!event.isEncrypted() || event.isDecryptionFailure() || event.isRedacted()) return "";
    const found = await client.getCrypto().getEncryptionInfoForEvent(event);
    if (!found || found.shieldColour === EventShieldColour.NONE) return "";
    return `${EventShieldColour[found.shieldColour]} ${EventShieldReason[found.shieldReason] ?? ""}`.trim().toLowerCase();
}
