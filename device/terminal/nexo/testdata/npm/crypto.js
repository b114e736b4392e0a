// Reads a list of {key, message, sealed} on stdin. Decrypts each sealed (made by
// kassa) with Adyen's library, encrypts each message with it, and writes both.
const NexoCrypto = require("@adyen/api-library/lib/src/security/nexoCrypto").default;

let input = "";
process.stdin.on("data", (d) => (input += d));
process.stdin.on("end", () => {
  const done = JSON.parse(input).map(({ key, message, sealed }) => ({
    opened: new NexoCrypto().decrypt(sealed, key),
    made: NexoCrypto.encrypt(JSON.parse(message).SaleToPOIRequest.MessageHeader, message, key),
  }));
  process.stdout.write(JSON.stringify(done));
});
