"""What models learn with, imported in one module.

dbt runs models beside each other. Two threads that import scikit-learn at the same moment may each find half of the
package; here the second one waits for the first.
"""

from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import silhouette_samples

__all__ = ["KMeans", "LogisticRegression", "silhouette_samples"]
