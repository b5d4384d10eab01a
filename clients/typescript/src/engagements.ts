// Lists engagements over gRPC-Web, then asks for one that nobody has.
//
//   node dist/engagements.js http://127.0.0.1:7400 "$TOKEN"
import { Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { ErrorInfoSchema } from "./gen/google/rpc/error_details_pb.js";
import { DeliveryService } from "./gen/strata/experience/delivery/v2/delivery_service_pb.js";

const [address, token] = process.argv.slice(2);
if (address === undefined) {
  console.error("usage: engagements ADDRESS [TOKEN]");
  process.exit(64);
}

const withToken: Interceptor = (next) => (request) => {
  if (token !== undefined) {
    request.header.set("authorization", `Bearer ${token}`);
  }
  return next(request);
};
const transport = createGrpcWebTransport({ baseUrl: address, interceptors: [withToken], defaultTimeoutMs: 5_000 });
const delivery = createClient(DeliveryService, transport);

// The reason is stable; the text is for people and may change.
function reasonOf(error: ConnectError): string {
  return error.findDetails(ErrorInfoSchema)[0]?.reason ?? Code[error.code];
}

try {
  const { engagements } = await delivery.listEngagements({ pageSize: 100 });
  for (const engagement of engagements) {
    console.log(`${engagement.contractNumber} for ${engagement.customerDisplayName}`);
  }
  await delivery.getEngagement({ name: "engagements/eng_00000000000000000000" });
} catch (error) {
  // What is no answer of the server's, as a bug of ours, is not handled here.
  if (!(error instanceof ConnectError)) {
    throw error;
  }
  console.log(`refused: ${reasonOf(error)}`);
}
