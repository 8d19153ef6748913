//! The four kinds of operation, erased to one [`AnyOperation`].

use crate::{
    AnyOperation, Attempt, Context, Direct, Fault, Input, Kind, Operation, Output, Permission,
    PreparedOperation, Rendered, Run, Waiting, output::Members,
};
use futures_util::future::BoxFuture;
use kv::{Committed, Transaction};
use serde_json::Value;
use std::sync::Arc;

/// An [`Operation`] of `service`, for its list.
pub fn transactional<O: Operation>(service: &Arc<O::Service>) -> Arc<dyn AnyOperation> {
    Arc::new(TransactionalEntry::<O>(service.clone()))
}

/// A [`PreparedOperation`] of `service`, for its list.
pub fn prepared<O: PreparedOperation>(service: &Arc<O::Service>) -> Arc<dyn AnyOperation> {
    Arc::new(PreparedEntry::<O>(service.clone()))
}

/// A [`Waiting`] operation of `service`, for its list.
pub fn waiting<O: Waiting>(service: &Arc<O::Service>) -> Arc<dyn AnyOperation> {
    Arc::new(WaitingEntry::<O>(service.clone()))
}

/// A [`Direct`] operation of `service`, for its list.
pub fn direct<O: Direct>(service: &Arc<O::Service>) -> Arc<dyn AnyOperation> {
    Arc::new(DirectEntry::<O>(service.clone()))
}

struct TransactionalEntry<O: Operation>(Arc<O::Service>);
struct PreparedEntry<O: PreparedOperation>(Arc<O::Service>);
struct WaitingEntry<O: Waiting>(Arc<O::Service>);
struct DirectEntry<O: Direct>(Arc<O::Service>);

/// What every entry says in the same words: its name, its kind, its input and its permissions.
macro_rules! entry_basics {
    ($kind:expr) => {
        fn name(&self) -> &'static str {
            O::NAME
        }

        fn kind(&self) -> Kind {
            $kind
        }

        fn decode(&self, members: Value) -> Result<Input, serde_json::Error> {
            Ok(Box::new(serde_json::from_value::<O::Input>(members)?))
        }

        fn permissions<'a>(
            &'a self,
            ctx: &'a Context,
            tx: &'a mut Transaction,
            input: &'a Input,
        ) -> BoxFuture<'a, Result<Vec<Permission>, Fault>> {
            Box::pin(async move { O::permissions(&self.0, ctx, tx, downcast(input)?).await })
        }
    };
}

/// The answer of an operation that may ask for its commit.
struct Answer<O: Operation>(Members<O::Output>);

impl<O: Operation> Output for Answer<O> {
    fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        self.0.to_json()
    }

    fn to_value(&self) -> Result<Value, serde_json::Error> {
        self.0.to_value()
    }

    fn committed(&mut self, committed: &Committed) {
        O::committed(&mut self.0.0, committed);
    }
}

impl<O: Operation> AnyOperation for TransactionalEntry<O> {
    entry_basics!(Kind::Transactional);

    fn run<'a>(
        &'a self,
        run: Run<'a>,
        tx: &'a mut Transaction,
    ) -> BoxFuture<'a, Result<Attempt<Rendered>, Fault>> {
        Box::pin(async move {
            let output = O::run(&self.0, run.ctx, tx, downcast(run.input)?).await?;
            Ok(Attempt::Done(Box::new(Answer::<O>(Members(output))) as Rendered))
        })
    }
}

impl<O: PreparedOperation> AnyOperation for PreparedEntry<O> {
    entry_basics!(Kind::Prepared);

    fn prepare<'a>(
        &'a self,
        ctx: &'a Context,
        input: &'a Input,
    ) -> BoxFuture<'a, Result<Input, Fault>> {
        Box::pin(async move {
            let prepared = O::prepare(&self.0, ctx, downcast(input)?).await?;
            Ok(Box::new(prepared) as Input)
        })
    }

    fn release<'a>(&'a self, prepared: &'a Input) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if let Ok(prepared) = downcast(prepared) {
                O::release(&self.0, prepared).await;
            }
        })
    }

    fn run<'a>(
        &'a self,
        run: Run<'a>,
        tx: &'a mut Transaction,
    ) -> BoxFuture<'a, Result<Attempt<Rendered>, Fault>> {
        Box::pin(async move {
            let (input, prepared) = (downcast(run.input)?, downcast(run.prepared)?);
            let output = O::run(&self.0, run.ctx, tx, input, prepared).await?;
            Ok(Attempt::Done(Box::new(Members(output)) as Rendered))
        })
    }
}

impl<O: Waiting> AnyOperation for WaitingEntry<O> {
    entry_basics!(Kind::Waiting);

    fn run<'a>(
        &'a self,
        run: Run<'a>,
        tx: &'a mut Transaction,
    ) -> BoxFuture<'a, Result<Attempt<Rendered>, Fault>> {
        Box::pin(async move {
            let attempt = O::attempt(&self.0, run.ctx, run.now, tx, downcast(run.input)?).await?;
            Ok(match attempt {
                Attempt::Done(output) => Attempt::Done(Box::new(Members(output)) as Rendered),
                Attempt::Wait { watch, until } => Attempt::Wait { watch, until },
            })
        })
    }
}

impl<O: Direct> AnyOperation for DirectEntry<O> {
    entry_basics!(Kind::Direct);

    fn run<'a>(
        &'a self,
        run: Run<'a>,
        _tx: &'a mut Transaction,
    ) -> BoxFuture<'a, Result<Attempt<Rendered>, Fault>> {
        Box::pin(async move {
            let output = O::run(&self.0, run.ctx, downcast(run.input)?).await?;
            Ok(Attempt::Done(Box::new(output) as Rendered))
        })
    }
}

fn downcast<T: 'static>(input: &Input) -> Result<&T, Fault> {
    input.downcast_ref().ok_or_else(|| Fault::internal("an input went to the wrong operation"))
}
