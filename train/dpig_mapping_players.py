"""DPIG's stage II as players of the shared loop (Ma et al., CVPR 2018, section 3.2).

A mapping function turns Gaussian noise into embeddings of one factor; a critic compares them with
the embeddings of real images (Wasserstein GAN). Encoders and decoders are not touched.
"""

import math

import keras

from dpig.models import dpig_losses
from dpig.models.dpig_mapping import Critic, Mapping
from dpig.train.dpig_stage_players import StagePlayers, halving
from dpig.train.optimizers import rmsprop
from dpig.train.players import Batch, Inputs, Logs, Phase
from dpig.train.recipes_dpig import MappingRecipe
from dpig.train.state import TrainingState

CRITIC_ALONE = 1  # the released code begins with the critic's steps alone


def build_mapping(recipe: MappingRecipe, features: int) -> Mapping:
    """The mapping function of a factor whose embeddings have `features` numbers."""
    return Mapping(features, recipe.hidden)


class MappingPlayers(StagePlayers):
    """A mapping function against its critic.

    A batch holds what the step's moves need, each its own part: "noise" float32
    [B, 1 + critic_steps, F] from N(0, noise_deviation^2), "real" [B, critic_steps, F], and "share"
    [B, critic_steps, 1] uniform in [0, 1), used by the gradient penalty only.
    """

    trained = "mapping"

    def __init__(self, recipe: MappingRecipe, features: int) -> None:
        """Builds both networks and their optimizers, in float32.

        Args:
            recipe: every number.
            features: of the factor's embeddings.
        """
        keras.config.set_dtype_policy("float32")
        self.recipe = recipe
        self.generator = build_mapping(recipe, features)
        critic = Critic(features, recipe.critic_hidden)
        self.networks = {"mapping": self.generator, "critic": critic}
        rates = {
            "mapping": halving(recipe, CRITIC_ALONE),
            "critic": halving(recipe, turns=recipe.critic_steps),
        }
        # Only this factor's critic: the released code also clips the other's.
        limits = {
            "mapping": math.inf,
            "critic": math.inf if recipe.gradient_penalty else recipe.clip,
        }
        self.optimizers = {
            name: rmsprop(
                rates[name],
                network.trainable_variables,
                recipe.decay,
                recipe.epsilon,
                recipe.ema_momentum,
                limits[name],
            )
            for name, network in self.networks.items()
        }
        self.state = TrainingState(self.networks, self.optimizers)

    def phases(self) -> list[Phase]:
        """The critic's steps alone, then one of the mapping function before each of them."""
        first = min(CRITIC_ALONE, self.recipe.steps)
        critic = self.player("critic", turns=self.recipe.critic_steps)
        same = {"prepare": _inputs, "losses": self._losses, "extras": ("distance",)}
        both = (self.player("mapping"), critic)
        return [
            Phase("critic", 0, first, (critic,), frozen=(self.generator,), **same),
            Phase("mapping", first, self.recipe.steps, both, **same),
        ]

    def _losses(self, inputs: Inputs) -> tuple[Logs, Logs]:
        """The mapping function's noise comes first, then that of the critic's moves."""
        turn, critic = inputs["turn"], self.networks["critic"]
        mapping_loss = dpig_losses.mapping_loss(critic(self.generator(inputs["noise"][:, 0])))
        real, mapped = inputs["real"][:, turn], self.generator(inputs["noise"][:, 1 + turn])
        loss = dpig_losses.critic_loss(critic(real), critic(mapped))
        logs = {"distance": -loss}  # the critic's estimate of the Wasserstein distance, scaled
        if self.recipe.gradient_penalty:
            share = inputs["share"][:, turn]
            penalty, _ = dpig_losses.gradient_penalty(critic, real, mapped, share)
            loss = loss + self.recipe.penalty_weight * penalty
        return {"mapping": mapping_loss, "critic": loss}, logs


def _inputs(batch: Batch) -> Inputs:
    return dict(batch)
