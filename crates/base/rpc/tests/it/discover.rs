//! What a tool that knows nothing can find out: services, their descriptors, their health.

use prost_reflect::DescriptorPool;
use strata_rpc::ServerSettings;
use tokio_stream::{StreamExt, once};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use super::*;

const SERVED: [&str; 5] = [
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
    "strata.dev.v1.ControlService",
    "strata.platform.v1.ContractService",
];

/// Both versions of reflection differ in nothing but their package.
macro_rules! asks {
    ($ask:ident, $version:ident) => {
        async fn $ask(transport: Transport, request: Question) -> Vec<Vec<u8>> {
            use tonic_reflection::pb::$version::server_reflection_client::ServerReflectionClient;
            use tonic_reflection::pb::$version::server_reflection_request::MessageRequest;
            use tonic_reflection::pb::$version::server_reflection_response::MessageResponse;
            let question = match request {
                Question::Services => MessageRequest::ListServices(String::new()),
                Question::Symbol(name) => MessageRequest::FileContainingSymbol(name.to_owned()),
                Question::File(name) => MessageRequest::FileByFilename(name),
            };
            let request = tonic_reflection::pb::$version::ServerReflectionRequest {
                host: String::new(),
                message_request: Some(question),
            };
            let mut client = ServerReflectionClient::new(transport);
            let mut answers = client.server_reflection_info(once(request)).await.unwrap().into_inner();
            match answers.next().await.unwrap().unwrap().message_response.unwrap() {
                MessageResponse::ListServicesResponse(list) => list
                    .service
                    .into_iter()
                    .map(|service| service.name.into_bytes())
                    .collect(),
                MessageResponse::FileDescriptorResponse(files) => {
                    files.file_descriptor_proto.into_iter().map(Into::into).collect()
                }
                other => panic!("{other:?}"),
            }
        }
    };
}

enum Question {
    Services,
    Symbol(&'static str),
    File(String),
}

asks!(ask_v1, v1);
asks!(ask_v1alpha, v1alpha);

fn names(answer: Vec<Vec<u8>>) -> Vec<String> {
    let mut names: Vec<String> = answer.into_iter().map(|name| String::from_utf8(name).unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn both_versions_of_reflection_list_what_is_served_and_nothing_else() {
    let (server, _) = quiet(ServerSettings::default()).await;
    let running = Running::start(&server).await;
    for transport in [server.in_process(), running.transport()] {
        assert_eq!(names(ask_v1(transport.clone(), Question::Services).await), SERVED);
        assert_eq!(names(ask_v1alpha(transport, Question::Services).await), SERVED);
    }
    running.stop().await;
}

#[tokio::test]
async fn the_descriptors_come_with_their_imports_and_their_options() {
    let (server, _) = quiet(ServerSettings::default()).await;
    let transport = server.in_process();
    // As tools do: the file of the service, then each import that is not known yet.
    let mut files = ask_v1(transport.clone(), Question::Symbol("strata.dev.v1.ControlService")).await;
    let mut known = Vec::new();
    let mut set = Vec::new();
    while let Some(file) = files.pop() {
        let decoded = <prost_types::FileDescriptorProto as prost::Message>::decode(file.as_slice()).unwrap();
        known.push(decoded.name.clone().unwrap_or_default());
        let imports = decoded.dependency.into_iter();
        for import in imports.filter(|name| !known.contains(name)).collect::<Vec<_>>() {
            known.push(import.clone());
            files.extend(ask_v1(transport.clone(), Question::File(import)).await);
        }
        prost::encoding::encode_key(1, prost::encoding::WireType::LengthDelimited, &mut set);
        prost::encoding::encode_varint(file.len() as u64, &mut set);
        set.extend_from_slice(&file);
    }
    let pool = DescriptorPool::decode(set.as_slice()).unwrap();
    let method = pool.get_extension_by_name("strata.options.v1.method").unwrap();
    let service = pool.get_service_by_name("strata.dev.v1.ControlService").unwrap();
    let settle = service.methods().find(|m| m.name() == "Settle").unwrap();
    let policy = settle.options().get_extension(&method).as_message().unwrap().clone();
    assert_eq!(policy.get_field_by_name("scope").unwrap().as_str(), Some("dev.control.write"));
}

#[tokio::test]
async fn health_is_said_per_service_and_as_a_whole() {
    let (server, _) = quiet(ServerSettings::default()).await;
    let mut client = HealthClient::new(server.in_process());
    let mut check = async |service: &str| {
        let request = HealthCheckRequest {
            service: service.to_owned(),
        };
        client
            .check(request)
            .await
            .map(|answer| answer.into_inner().status().as_str_name())
    };
    assert_eq!(check("").await.unwrap(), "SERVING");
    assert_eq!(check("strata.dev.v1.ControlService").await.unwrap(), "SERVING");
    assert_eq!(check("strata.dev.v1.Other").await.unwrap_err().code(), Code::NotFound);
    server.set_serving(false).await;
    assert_eq!(check("").await.unwrap(), "NOT_SERVING");
    assert_eq!(check("strata.dev.v1.ControlService").await.unwrap(), "NOT_SERVING");
}
