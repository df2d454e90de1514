// Verification of another user by emoji, in a room of two.
import { setTimeout as pause } from "node:timers/promises";
import { VerificationPhase, VerificationRequestEvent, VerifierEvent } from "matrix-js-sdk/lib/crypto-api/verification.js";

const PATIENCE_MS = 60_000;
const TRIES = 40;

function reached(request, phase) {
    return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`verification stays in phase ${request.phase}`)), PATIENCE_MS);
        const look = () => {
            if (request.phase === phase) resolve();
            else if (request.phase === VerificationPhase.Cancelled) reject(new Error(`cancelled: ${request.cancellationCode}`));
            else return;
            clearTimeout(timer);
            request.off(VerificationRequestEvent.Change, look);
        };
        request.on(VerificationRequestEvent.Change, look);
        look();
    });
}

// Asks, starts once the other side is ready, and returns what is to be compared.
export async function beginVerification(person, { user, room }) {
    const crypto = person.client.getCrypto();
    await person.ready(room);
    // The SDK asks nobody whose public keys it has not seen.
    await crypto.userHasCrossSigningKeys(user, true);
    const request = await crypto.requestVerificationDM(user, room);
    await reached(request, VerificationPhase.Ready);
    const verifier = await request.startVerification("m.sas.v1");
    const shown = new Promise((resolve, reject) => {
        verifier.once(VerifierEvent.ShowSas, resolve);
        verifier.once(VerifierEvent.Cancel, () => reject(new Error(`cancelled: ${request.cancellationCode}`)));
    });
    const finished = verifier.verify();
    finished.catch(() => {});
    const { sas, confirm, mismatch } = await shown;
    person.verifying = { user, request, finished, confirm, mismatch };
    return { emoji: sas.emoji.map(([symbol]) => symbol), decimals: sas.decimal };
}

// Closes the window without an answer.
export async function cancelVerification(person) {
    await person.verifying.request.cancel();
}

// Says what the person found on comparing; returns whether the other user is verified then.
export async function concludeVerification(person, { agrees }) {
    const { user, request, finished, confirm, mismatch } = person.verifying;
    const crypto = person.client.getCrypto();
    const verified = async () => (await crypto.getUserVerificationStatus(user)).isVerified();
    if (!agrees) {
        mismatch();
        return verified();
    }
    await confirm();
    await finished;
    await reached(request, VerificationPhase.Done);
    // The signature is uploaded after that, and seen when the keys are asked for anew.
    for (let tries = 0; tries < TRIES && !(await verified()); tries++) {
        await pause(500);
        await crypto.userHasCrossSigningKeys(user, true);
    }
    return verified();
}
