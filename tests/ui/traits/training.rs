// What a newcomer hands to a trainer.
use gradtape::prelude::*;

struct Plain;

fn main() -> gradtape::Result<()> {
    let rng = &mut Rng::new(7);
    let data = data::synthetic::xor();
    let mut net = network!(dense(2, 8, tanh), dense(8, 2)).init(rng);
    let _ = Trainer::new(0.1, loss::softmax_cross_entropy).fit(&mut net, &data)?;
    let _ = Trainer::new(Sgd::new(0.1), loss::softmax_cross_entropy).metric("accuracy").fit(&mut net, &data)?;
    let _ = Trainer::new(Sgd::new(0.1), loss::softmax_cross_entropy).fit(&mut Plain, &data)?;
    Ok(())
}
