//! What finance keeps.

use prost::Message;
use strata_contract::strata::common::v1::Money;
use strata_contract::strata::master::v1 as pb;
use strata_contract::{pb_date, require_date};
use strata_kernel::{Currency, Error, Result};
use strata_rpc::status;
use strata_store::both;
use tonic::{Request, Response, Status};

use super::Master;
use crate::convert::stored;
use crate::store::rows::{CostCenterRow, ExchangeRateRow, LegalEntityRow, ReceiptLimitRow};
use crate::store::{lite, pg};

#[tonic::async_trait]
impl pb::reference_data_service_server::ReferenceDataService for Master {
    async fn put_reference_data(
        &self,
        request: Request<pb::PutReferenceDataRequest>,
    ) -> Result<Response<pb::PutReferenceDataResponse>, Status> {
        self.put(request.into_inner()).await.map(Response::new).map_err(status)
    }

    async fn get_reference_data(
        &self,
        _: Request<pb::GetReferenceDataRequest>,
    ) -> Result<Response<pb::GetReferenceDataResponse>, Status> {
        self.all().await.map(Response::new).map_err(status)
    }

    async fn get_revision(&self, _: Request<pb::GetRevisionRequest>) -> Result<Response<pb::GetRevisionResponse>, Status> {
        let revision = self.db.read(|c| both!(c, revision::get())).await.map_err(status)?;
        Ok(Response::new(pb::GetRevisionResponse { revision }))
    }

    async fn put_exchange_rates(
        &self,
        request: Request<pb::PutExchangeRatesRequest>,
    ) -> Result<Response<pb::PutExchangeRatesResponse>, Status> {
        self.put_rates(request.into_inner()).await.map(Response::new).map_err(status)
    }

    async fn lookup_exchange_rates(
        &self,
        request: Request<pb::LookupExchangeRatesRequest>,
    ) -> Result<Response<pb::LookupExchangeRatesResponse>, Status> {
        self.lookup_rates(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn put_transfer_rates(
        &self,
        request: Request<pb::PutTransferRatesRequest>,
    ) -> Result<Response<pb::PutTransferRatesResponse>, Status> {
        self.put_transfer(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn lookup_transfer_rates(
        &self,
        request: Request<pb::LookupTransferRatesRequest>,
    ) -> Result<Response<pb::LookupTransferRatesResponse>, Status> {
        self.lookup_transfer(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }
}

impl Master {
    async fn put(&self, request: pb::PutReferenceDataRequest) -> Result<pb::PutReferenceDataResponse> {
        let mut entities = Vec::new();
        for (i, e) in request.legal_entities.iter().enumerate() {
            Currency::parse(&e.functional_currency_code)
                .map_err(|x| Error::from(x).at(format!("legal_entities[{i}].functional_currency_code")))?;
            entities.push(LegalEntityRow {
                code: e.code.clone(),
                body: e.encode_to_vec(),
            });
        }
        let centers: Vec<_> = request
            .cost_centers
            .into_iter()
            .map(|c| CostCenterRow {
                code: c.code,
                legal_entity_code: c.legal_entity_code,
            })
            .collect();
        let limits: Vec<_> = request
            .receipt_limits
            .into_iter()
            .map(|m| ReceiptLimitRow {
                currency_code: m.currency_code,
                minor_units: m.minor_units,
            })
            .collect();
        self.change(move |c| both!(c, reference::replace(&entities, &centers, &limits)))
            .await?;
        Ok(pb::PutReferenceDataResponse {})
    }

    async fn all(&self) -> Result<pb::GetReferenceDataResponse> {
        let (entities, centers, limits) = self
            .db
            .read(|c| {
                Ok((
                    both!(c, reference::legal_entities())?,
                    both!(c, reference::cost_centers())?,
                    both!(c, reference::receipt_limits())?,
                ))
            })
            .await?;
        Ok(pb::GetReferenceDataResponse {
            legal_entities: entities.iter().map(|e| stored(&e.body)).collect::<Result<_>>()?,
            cost_centers: centers
                .into_iter()
                .map(|c| pb::CostCenter {
                    code: c.code,
                    legal_entity_code: c.legal_entity_code,
                })
                .collect(),
            receipt_limits: limits
                .into_iter()
                .map(|l| Money {
                    currency_code: l.currency_code,
                    minor_units: l.minor_units,
                })
                .collect(),
        })
    }

    async fn put_rates(&self, request: pb::PutExchangeRatesRequest) -> Result<pb::PutExchangeRatesResponse> {
        let mut rows = Vec::new();
        for (i, r) in request.exchange_rates.into_iter().enumerate() {
            let date = require_date(r.date.as_ref(), &format!("exchange_rates[{i}].date"))?;
            if strata_kernel::parse_decimal(&r.rate)?.is_zero() {
                return Err(Error {
                    reason: "FX_RATE_INVALID",
                    ..Error::invalid(format!("exchange_rates[{i}].rate"), "must be above zero")
                });
            }
            rows.push(ExchangeRateRow {
                from_currency: r.from_currency_code,
                to_currency: r.to_currency_code,
                date,
                rate: r.rate,
            });
        }
        let created = self.change(move |c| both!(c, reference::add_rates(&rows))).await?;
        Ok(pb::PutExchangeRatesResponse {
            created: u32::try_from(created).unwrap_or(u32::MAX),
        })
    }

    async fn lookup_rates(&self, request: pb::LookupExchangeRatesRequest) -> Result<pb::LookupExchangeRatesResponse> {
        let mut questions = Vec::new();
        for (i, q) in request.questions.into_iter().enumerate() {
            let date = require_date(q.date.as_ref(), &format!("questions[{i}].date"))?;
            questions.push((q.from_currency_code, q.to_currency_code, date));
        }
        let answers = self
            .db
            .read(move |c| {
                questions
                    .iter()
                    .map(|(from, to, day)| both!(c, reference::newest_rate(from, to, *day)))
                    .collect::<Result<Vec<_>>>()
            })
            .await?;
        let answer = |row: Option<ExchangeRateRow>| match row {
            Some(r) => pb::ExchangeRateAnswer {
                date: Some(pb_date(r.date)),
                rate: r.rate,
            },
            None => pb::ExchangeRateAnswer::default(),
        };
        Ok(pb::LookupExchangeRatesResponse {
            answers: answers.into_iter().map(answer).collect(),
        })
    }
}
