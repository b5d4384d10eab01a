// What a team would write first: a gRPC server that inserts one row for each call and answers when it is committed.
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";
import pg from "pg";

const [protos, foreign, url] = process.argv.slice(2);
const definition = loader.loadSync("strata/system/hr/v1/hr_service.proto", { includeDirs: [protos, foreign], keepCase: true });
const { HrService } = grpc.loadPackageDefinition(definition).strata.system.hr.v1;
const pool = new pg.Pool({ connectionString: url, max: 32 });
await pool.query("CREATE TABLE line (id BIGSERIAL PRIMARY KEY, entry TEXT NOT NULL, minutes INTEGER NOT NULL)");

const server = new grpc.Server();
server.addService(HrService.service, {
  ListWorkerChanges: async (call, answer) => {
    try {
      const { cursor } = call.request;
      await pool.query({ name: "insert", text: "INSERT INTO line (entry, minutes) VALUES ($1, $2)", values: [cursor, 465] });
      answer(null, { workers: [{ id: "1", hourly_cost: { currency_code: "USD", minor_units: 8250 } }], next_cursor: cursor });
    } catch (error) {
      answer({ code: grpc.status.INTERNAL, details: error.message });
    }
  },
});
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(`listening 127.0.0.1:${port}`);
});
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
