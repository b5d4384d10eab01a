"""Lists engagements over gRPC, then asks for one that nobody has.

    python engagements.py 127.0.0.1:7400 "$TOKEN"
"""

import sys

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from strata.experience.delivery.v2 import delivery_service_pb2 as pb
from strata.experience.delivery.v2 import delivery_service_pb2_grpc as services

DEADLINE_S = 5


def reason_of(error: grpc.RpcError) -> str:
    """The reason is stable; the text is for people and may change."""
    status = rpc_status.from_call(error)
    for detail in status.details if status else []:
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info):
            return info.reason
    return error.code().name


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit("usage: engagements.py ADDRESS [TOKEN]")
    address, tokens = sys.argv[1], sys.argv[2:3]
    metadata = [("authorization", f"Bearer {token}") for token in tokens]
    with grpc.insecure_channel(address) as channel:
        delivery = services.DeliveryServiceStub(channel)
        try:
            request = pb.ListEngagementsRequest(page_size=100)
            answer = delivery.ListEngagements(request, metadata=metadata, timeout=DEADLINE_S)
            for engagement in answer.engagements:
                print(f"{engagement.contract_number} for {engagement.customer_display_name}")
            unknown = pb.GetEngagementRequest(name="engagements/eng_00000000000000000000")
            delivery.GetEngagement(unknown, metadata=metadata, timeout=DEADLINE_S)
        except grpc.RpcError as error:
            print(f"refused: {reason_of(error)}")


if __name__ == "__main__":
    main()
